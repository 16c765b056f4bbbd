#!/usr/bin/env node
'use strict';
require('../dist/launcher.cjs').main(process.argv.slice(2));
