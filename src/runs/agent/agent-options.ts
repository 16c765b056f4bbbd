/** What the agent is started with. */
import type { Status } from '../../agent/status.js';
import type { Settings } from '../../config/settings.js';
import type { PictureOptions } from './observed-picture.js';

export interface AgentOptions extends PictureOptions {
  readonly settings: Settings;
  readonly version: string;
  /** Folders: what survives a reboot, and what need not. */
  readonly state: string;
  readonly runtime: string;
  /** Files and folders of desired states. */
  readonly desired: readonly string[];
  readonly dashboard?: { readonly url: string; readonly apiKey?: string; readonly cluster: string };
  /** Where programs with a hook of ours connect; absent: nowhere. */
  readonly tapSocket?: string;
  /** ms between two looks */
  readonly interval: number;
  /** Absent: it does not listen. */
  readonly port?: number;
  readonly once: boolean;
  readonly dryRun: boolean;
  readonly ringSize: number;
  readonly memoryLimit: number;
  /** One line on stderr. */
  readonly say: (line: string) => void;
  /** One JSON document a line on stdout; absent: not asked for. */
  readonly json?: (document: object) => void;
  /** The picture of `--once`, for people. */
  readonly show: (status: Status) => void;
  readonly stopped: Promise<void>;
}
