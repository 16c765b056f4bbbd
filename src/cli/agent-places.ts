/** Where the agent keeps what it knows: the same flags for every command of it. */
import { Flags } from '@oclif/core';

export const AGENT_PLACES = {
  'state-dir': Flags.string({
    summary: 'folder for what has to survive a reboot (root: /var/lib/openlit-instrument)',
    helpValue: 'FOLDER',
  }),
  'run-dir': Flags.string({
    summary: 'folder for the lock of this machine and the status (root: /run/openlit-instrument)',
    helpValue: 'FOLDER',
  }),
};
