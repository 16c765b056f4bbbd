/** Kubernetes' quantities: `250m`, `64Mi`, `1e3`. */
const FACTORS: Readonly<Record<string, number>> = {
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** Bytes, or cores; undefined for nothing, and for what is no quantity. */
export function bytesOf(quantity: string | undefined): number | undefined {
  const [, number, unit = ''] = /^(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(quantity ?? '') ?? [];
  const factor = FACTORS[unit];
  return number === undefined || factor === undefined ? undefined : Number(number) * factor;
}
