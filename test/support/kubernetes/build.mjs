// Makes `.cache/kubetest/kubetest`, the control plane of the operator's tests, from Go modules: etcd, Kubernetes' servers,
// its kubelet and kubectl in one program. About ten minutes and 4 GB of Go's caches, once.
//
//   node test/support/kubernetes/build.mjs [KUBERNETES_VERSION [FOLDER]]
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const version = process.argv[2] ?? '1.37.2';
const [, minor, patch] = version.split('.');
// Its parts are modules of their own, `0.MINOR.PATCH`; Kubernetes' own go.mod only says that they lie beside it.
const parts = `v0.${minor}.${patch}`;
const folder = path.resolve(process.argv[3] ?? path.resolve(import.meta.dirname, '../../../.cache/kubetest'));
mkdirSync(folder, { recursive: true });

const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod' };
const go = (...words) =>
  execFileSync('go', words, { cwd: folder, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

writeFileSync(path.join(folder, 'go.mod'), 'module kubetest\n');
const { GoMod } = JSON.parse(go('mod', 'download', '-json', `k8s.io/kubernetes@v${version}`));
const staged = [...readFileSync(GoMod, 'utf8').matchAll(/^\s*(?:replace )?(k8s\.io\/\S+) => \.\/staging\//gm)];
const { 1: language } = /^go (\S+)/m.exec(readFileSync(GoMod, 'utf8'));
// The server of the client that this Kubernetes is made with.
const { 1: etcd } = /go\.etcd\.io\/etcd\/client\/v3 (\S+)/.exec(readFileSync(GoMod, 'utf8'));
writeFileSync(
  path.join(folder, 'go.mod'),
  [
    'module kubetest',
    `go ${language}`,
    `require k8s.io/kubernetes v${version}`,
    `require go.etcd.io/etcd/server/v3 ${etcd}`,
    ...staged.map(([, name]) => `replace ${name} => ${name} ${parts}`),
    '',
  ].join('\n'),
);
copyFileSync(path.join(import.meta.dirname, 'main.go'), path.join(folder, 'main.go'));
go('mod', 'tidy');
// Without these, the server says v0.0.0 and clients take it for an old one.
const flags = Object.entries({ gitVersion: `v${version}`, gitMajor: '1', gitMinor: minor })
  .map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
  .join(' ');
go('build', '-trimpath', '-ldflags', `-s -w ${flags}`, '-o', 'kubetest', '.');
process.stdout.write(`${path.join(folder, 'kubetest')}\n`);
