/**
 * For every test that starts real programs. They share two cores with each other and with what they start: a test that
 * fails is run once more, and its first failure is printed, so that a busy machine is told apart from a fault.
 */
import { jest } from '@jest/globals';

jest.setTimeout(60_000);
jest.retryTimes(1, { logErrorsBeforeRetry: true });
