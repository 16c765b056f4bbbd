/** Every source of plaintext that attach knows, in the order in which a file is looked at. */
import { boringssl } from './boringssl.js';
import { go } from './go.js';
import { NAMED_SOURCES } from './named.js';
import { strippedOpenssl } from './openssl-stripped.js';
import { rustls } from './rustls.js';
import type { Source } from './source.js';

/** By name, from the file's own symbols. */
export const BY_NAME: readonly Source[] = NAMED_SOURCES;

/** By what a file without symbols leaves; a file that has one by name is not searched for the same one without. */
export const BY_TRACES: readonly Source[] = [strippedOpenssl, boringssl, rustls, go];
