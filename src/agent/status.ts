/** What the agent says of itself to programs: `agent status --json`, `/status`, `agent --once --json`. Kept stable. */
import type { Feature } from './observed.js';

export interface StatusWorkload {
  readonly key: string;
  readonly name?: string;
  readonly service_name?: string;
  readonly target?: string;
  readonly runtime?: string;
  readonly providers: readonly string[];
  readonly pids: readonly number[];
  readonly lifecycle?: string;
  readonly observed: boolean;
  readonly injected: boolean;
  readonly features: Readonly<Record<Feature, StatusFeature>>;
}

export interface StatusFeature {
  readonly state: string;
  readonly code: string;
  readonly reason: string;
  readonly fix?: string;
}

export interface Status {
  readonly version: string;
  readonly pid: number;
  /** RFC 3339: when it last looked. */
  readonly at: string;
  readonly instance: string;
  /** Absent: this agent acts. */
  readonly lock_held_by?: string;
  readonly file_errors: readonly string[];
  readonly dashboard?: { readonly url: string; readonly last_answer?: string };
  readonly workloads: readonly StatusWorkload[];
}
