#!/usr/bin/env node
'use strict';
// With NODE_PRESERVE_SYMLINKS_MAIN, __filename is the link in node_modules/.bin.
const own = require('node:fs').realpathSync.native(__filename);
require(`${own}/../../dist/launcher.cjs`).main(process.argv.slice(2));
