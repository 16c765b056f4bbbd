// Runs a program where there is no network but loopback: `unshare -n python3 loopback.py node offline.mjs words…`. The
// replaying provider runs in here, because nothing outside can be reached.
import { spawn } from 'node:child_process';
import { CA_FILE, startProvider } from '../../examples/provider/server.mjs';

const [fixtures, ...words] = process.argv.slice(2);
const { url, close } = await startProvider({ tls: true, fixtures });
const env = {
  ...process.env,
  PROVIDER_URL: url,
  OPENAI_BASE_URL: `${url}/openai/v1`,
  SSL_CERT_FILE: CA_FILE,
  NODE_EXTRA_CA_CERTS: CA_FILE,
};
const child = spawn(words[0], words.slice(1), { stdio: 'inherit', env });
child.once('close', async status => {
  await close();
  process.exit(status ?? 1);
});
