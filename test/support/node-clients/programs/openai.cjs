const { OpenAI } = require('openai');
require('./openai-steps.cjs').run(OpenAI, process.argv.slice(2));
