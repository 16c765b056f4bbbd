/** Helm, where it is: OPENLIT_TEST_HELM, or a folder of PATH. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { ROOT } from '../launcher.js';

const HELM = process.env['OPENLIT_TEST_HELM'] ?? 'helm';
export const CHART = path.join(ROOT, 'deploy/chart');
export const hasHelm = spawnSync(HELM, ['version'], { stdio: 'ignore' }).status === 0;
export const WHY_NO_HELM = 'there is no helm in PATH or OPENLIT_TEST_HELM; go install helm.sh/helm/v3/cmd/helm@v3.22.0';

export function helm(...words: string[]): {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
} {
  const { status, stdout, stderr } = spawnSync(HELM, words, { encoding: 'utf8', maxBuffer: 1 << 26 });
  return { status, out: stdout, err: stderr };
}

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  // biome-ignore lint/suspicious/noExplicitAny: any kind of object
  readonly [field: string]: any;
}

/** @throws Error with Helm's words */
export function template(...words: string[]): KubernetesObject[] {
  // A helm that was built from source takes every cluster for an old one.
  const { status, out, err } = helm('template', 'x', CHART, '-n', 'system', '--kube-version', '1.34.0', ...words);
  if (status !== 0) throw new Error(err);
  return parseAllDocuments(out)
    .map(document => document.toJS() as KubernetesObject | null)
    .filter(object => object !== null);
}
