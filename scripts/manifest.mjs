// Writes what is made from the code and committed, because users and editors read it in place:
//   oclif.manifest.json   every command and flag; with it only the file of the command that runs is loaded
//   openlit.schema.json   what openlit.yml may hold, for editors
//   docs/configuration.md its tables of settings and flags
// Tests fail when something is stale; `npm run build && npm run manifest` fixes that. With --print the manifest goes to stdout
// and nothing is written.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Plugin } from '@oclif/core';

const root = fileURLToPath(new URL('..', import.meta.url));

const plugin = new Plugin({
  root,
  type: 'core',
  ignoreManifest: true,
  errorOnManifestCreate: true,
  respectNoCacheDefault: true,
});
await plugin.load();

const manifest = `${JSON.stringify(plugin.manifest, null, 2)}\n`;
if (process.argv.includes('--print')) process.stdout.write(manifest);
else {
  const { jsonSchema } = await import(new URL('../dist/config/schema.js', import.meta.url).href);
  writeFileSync(new URL('../oclif.manifest.json', import.meta.url), manifest);
  writeFileSync(new URL('../openlit.schema.json', import.meta.url), `${JSON.stringify(jsonSchema(), null, 2)}\n`);
  const { withTables } = await import(new URL('../dist/config/reference.js', import.meta.url).href);
  const document = new URL('../docs/configuration.md', import.meta.url);
  writeFileSync(document, withTables(readFileSync(document, 'utf8')));
  process.stdout.write(
    `oclif.manifest.json: ${Object.keys(plugin.manifest.commands).join(', ')}\nopenlit.schema.json\ndocs/configuration.md\n`,
  );
}
