/** The form of a row of `flags.ts`: how one setting is named, read and shown. */
import type { VariableName } from './variables.js';

/**
 * `switch` true or false · `list` words separated by commas · `lines` texts that may hold commas, one a line · `pairs` `key=value` separated by commas, values
 * percent-encoded (or a JSON object) · `fraction` 0 to 1 · `count` a whole number of at least 1 · `json` a JSON object,
 * handed on as text · `size` and `age` handed on as text too (`amounts.ts` has their numbers) · `money` US dollars.
 */
export type ValueKind =
  | 'text'
  | 'url'
  | 'path'
  | 'switch'
  | 'choice'
  | 'count'
  | 'fraction'
  | 'list'
  | 'lines'
  | 'pairs'
  | 'size'
  | 'age'
  | 'money'
  | 'json';

export type FlagGroup =
  | 'what is reported'
  | 'where it goes'
  | 'what is captured'
  | 'what is kept'
  | 'this run'
  | 'OpenLIT SDK';

export interface SettingRow {
  readonly id: string;
  readonly kind: ValueKind;
  readonly choices?: readonly string[];
  /** The value of the flag when it stands alone: `--capture-content` is `--capture-content=span`. */
  readonly bare?: string;
  /** Other words for a choice, in lower case: `span_only` is `span`. */
  readonly synonyms?: Readonly<Record<string, string>>;
  /** Hyphen names, the first is the one shown. The same with underscores is accepted as well. */
  readonly flags: readonly string[];
  readonly environment?: VariableName;
  /** Keys in the file: the short form, then the form with `kind: Config`. */
  readonly keys?: readonly [short: string, long: string];
  /** The same under another word, in both forms; `keys` wins where a file has both. */
  readonly alsoKeys?: readonly [short: string, long: string];
  /** The file's key says the opposite of the flag: `metrics.enabled: false` is `--disable-metrics`. */
  readonly keyIsOpposite?: true;
  /** Never printed. */
  readonly secret?: true;
  readonly group: FlagGroup;
  readonly summary: string;
  /** How the value looks in the help. */
  readonly sample?: string;
}
