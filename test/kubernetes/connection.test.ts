/** Where the API server is, by a ServiceAccount or a kubeconfig. */
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { findConnection, ownNamespace } from '../../src/kubernetes/connection.js';
import { withFolder } from '../support/kubernetes/api-server.js';

const CONFIG = {
  clusters: [{ name: 'c', cluster: { server: 'https://1.2.3.4:6443', 'certificate-authority': 'ca.pem' } }],
  users: [{ name: 'u', user: { token: 't' } }],
  contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
  'current-context': 'x',
};

test("a pod's ServiceAccount, whose token is read each time: the kubelet renews it", async () => {
  await withFolder({ token: 'one\n', 'ca.crt': 'CA', namespace: 'system\n' }, async folder => {
    const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    const { server, ca, token } = findConnection(undefined, env, folder);
    expect([server.host, ca, token!()]).toEqual(['[fd00::1]', 'CA', 'one']);
    const { writeFileSync } = await import('node:fs');
    writeFileSync(path.join(folder, 'token'), 'two');
    expect(token!()).toBe('two');
    expect(ownNamespace(folder)).toBe('system');
    expect(ownNamespace(path.join(folder, 'none'))).toBeUndefined();
  });
});

test('a kubeconfig: files beside it, data inside it', async () => {
  const user = { 'client-certificate-data': Buffer.from('CERT').toString('base64'), 'client-key': 'key.pem' };
  const files = {
    config: JSON.stringify(CONFIG),
    other: JSON.stringify({ ...CONFIG, users: [{ name: 'u', user }] }),
    'ca.pem': 'CA',
    'key.pem': 'KEY',
  };
  await withFolder(files, folder => {
    const first = findConnection(path.join(folder, 'config'), {});
    expect([first.server.href, first.ca, first.token!()]).toEqual(['https://1.2.3.4:6443/', 'CA', 't']);
    const env = { KUBECONFIG: `${path.join(folder, 'other')}${path.delimiter}/nowhere` };
    expect(findConnection(undefined, env)).toMatchObject({ cert: 'CERT', key: 'KEY', ca: 'CA' });
  });
});

test('what cannot be used is said, without a line of the file', async () => {
  const files = {
    command: JSON.stringify({ ...CONFIG, users: [{ name: 'u', user: { exec: { command: 'aws' } } }] }),
    broken: 'token: "sk-secret\n  x: [',
    empty: '',
  };
  await withFolder({ ...files, 'ca.pem': '' }, folder => {
    const refused = (name: string) => {
      try {
        findConnection(path.join(folder, name), {});
      } catch (error) {
        return `${(error as Error).message}: ${(error as { reason?: string }).reason}`;
      }
      return 'used';
    };
    expect(refused('command')).toContain('credentials by a command');
    expect(refused('broken')).toContain('it is no YAML');
    expect(refused('broken')).not.toContain('sk-secret');
    expect(refused('empty')).toContain('names no cluster');
    expect(refused('none')).toContain('no such file');
  });
});
