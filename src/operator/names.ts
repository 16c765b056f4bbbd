/** Names that we leave in a pod, each of them once: they are how we know a pod that we have seen. */
import { OURS } from './annotations.js';
import type { Language } from './facts.js';

/** What was done, `python=app,nodejs=app`: on the pod, for people and for the next admission. */
export const INJECTED = `${OURS}injected`;
/** By which resources, `shop/default@3`: what tells a pod of before a change from one after it. */
export const INJECTED_BY = `${OURS}injected-by`;
/** Hooks, and the socket of the observer. */
export const VOLUME = 'openlit-instrument';
export const MOUNT = '/openlit-instrument';
export const OBSERVER = 'openlit-instrument-observer';
export const SOCKET = `${MOUNT}/run/observer.sock`;
/** In the image of ours: what is copied. */
export const PAYLOAD = '/payload';
export const TLS_MOUNT = `${MOUNT}-tls`;

export const COPY = 'openlit-instrument-copy';
/** An agent of OpenTelemetry has a volume of its own: it comes from another image. */
export const volumeOf = (language: Language): string => `${VOLUME}-${language}`;
export const mountOf = (language: Language): string => `${MOUNT}-${language}`;
export const copyOf = (language: Language): string => `${COPY}-${language}`;

export const isOurVolume = (name: string): boolean => name === VOLUME || name.startsWith(`${VOLUME}-`);
