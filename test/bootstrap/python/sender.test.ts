/**
 * gevent may patch `threading` after our sender was made: its lock is then a real one, and a thread start lets other
 * greenlets run. One that adds a record meanwhile must not find the lock held, or the whole program stops.
 */
import { expect, test } from '@jest/globals';
import { python } from './run.js';

const CODE = `
import threading
from openlit_bootstrap.export import Sender
sender = Sender({}, None)
held = []
class Thread(threading.Thread):
    def start(self):
        held.append(sender._lock.locked())
threading.Thread = Thread
sender.add("traces", {})
print(json.dumps(held))
`;

test('a thread starts outside the lock', () => {
  expect(python(CODE, null)).toEqual([false]);
});
