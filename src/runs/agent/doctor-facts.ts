/** What `doctor` says of the agent of this machine, looked up. */
import { fileReason } from '../../errors.js';
import { somebodyListens } from '../../targets/look-at-machine.js';
import { AGENT_SOCKET } from '../../targets/payload/places.js';
import type { AgentPlaces } from './places.js';
import { type RunningAgent, runningAgent } from './running.js';

/** @param socket of its hooks; default: the documented one */
export async function agentFacts(places: AgentPlaces, socket = AGENT_SOCKET, now = Date.now()) {
  const { state, runtime } = places;
  const facts = { state, runtime, socket, listens: await somebodyListens(socket), now };
  let agent: RunningAgent | undefined;
  try {
    agent = runningAgent(places);
  } catch (error) {
    return { ...facts, unreadable: fileReason(error) };
  }
  return { ...facts, ...(agent && { pid: agent.pid }), ...(agent?.status && { status: agent.status }) };
}
