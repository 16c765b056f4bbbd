/**
 * Whether attach takes more CPU than it should from programs that want it too. A token bucket: what we may use at the
 * priority that we were started with. Pure, so that it can be tried without a busy machine.
 */

/** Of one CPU. 1,000 exchanges of 1 kB a second take 0.06, ten times the LLM traffic of a busy program next to nothing. */
const SHARE = 0.2;
/** Milliseconds of CPU saved up for a burst: reading 20 MB takes 50, the first calls, not compiled yet, 70. */
const SAVED = 100;
/** Credit from which on we count as solvent again, so that the priority does not change with every look. */
const SOLVENT = 20;
/**
 * More of the ring than this waits: the kernel sheds (bpf/shed.bpf.h), so the program makes more than we can read. More CPU
 * for us would slow it and still not make us complete.
 */
const FLOOD = 0.5;
/** More than this: what the kernel admitted is itself too much, say one exchange of 10 MB. That can still become complete. */
const UNDER_WAY = 0.625;
/** Milliseconds that a flood counts from its last sign on. */
const FLOOD_LASTS = 5_000;

export interface CpuShare {
  /** @param now milliseconds of a clock. @param cpu milliseconds of CPU used so far. @param backlog share of the ring, 0 to 1 */
  exceeded(now: number, cpu: number, backlog: number): boolean;
}

export function createCpuShare(): CpuShare {
  let last: { now: number; cpu: number } | undefined;
  let credit = SAVED;
  let insolvent = false;
  let floodUntil = 0;
  return {
    exceeded(now, cpu, backlog) {
      if (last) credit += (now - last.now) * SHARE - (cpu - last.cpu);
      credit = Math.max(-SAVED, Math.min(SAVED, credit));
      last = { now, cpu };
      insolvent = credit <= (insolvent ? SOLVENT : 0);
      if (backlog > FLOOD) floodUntil = now + FLOOD_LASTS;
      return insolvent || (now < floodUntil && backlog <= UNDER_WAY);
    },
  };
}
