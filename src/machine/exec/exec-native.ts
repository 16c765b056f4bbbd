/**
 * The few libc calls that make the launcher become the program, through ffi-rs. Besides `attach/kernel` the only file
 * that loads it. One mechanism for every Node: `process.execve` (22.15+) aborts Node when it fails and hands on ignored
 * signals, so libc would be needed beside it anyway (docs/decisions/0040-exec-through-libc.md).
 */
/** What is used of ffi-rs' binding; its published types do not describe the bare binding. */
interface Binding {
  open(options: { library: string; path: string }): void;
  load(call: {
    library: string;
    funcName: string;
    retType: number;
    paramsType: unknown[];
    paramsValue: unknown[];
    errno: boolean;
    freeResultMemory: boolean;
  }): { value: number | bigint; errnoCode: number };
}

const LIBRARY = 'libc';
/** ffi-rs' DataType numbers. */
const I32 = 1;
const I64 = 8;
const U8_ARRAY = 10;
const BIGINT = 16;
/** ffi-rs' tag for "array of". */
const ARRAY = 997;

/** <asm-generic/ioctls.h>: clears close-on-exec; unlike fcntl it takes no variadic argument. */
const FIONCLEX = process.platform === 'darwin' ? 0x20006602 : 0x5450;
const RLIMIT_NOFILE = process.platform === 'darwin' ? 8 : 7;
const RLIMIT_CORE = 4;

export interface Libc {
  /** Replaces this process; returns the errno when that failed. */
  execv(file: Buffer, argv: readonly Buffer[]): number;
  setSignal(signal: number, action: 'default' | 'ignore'): void;
  clearCloseOnExec(descriptor: number): void;
  setOpenFileLimit(soft: number): void;
  /** No core file of the launcher itself when it dies by its child's signal. */
  noCoreFile(): void;
}

/** `undefined` where ffi-rs has no binary for this machine (it was left out at install, or an unknown platform). */
export function loadLibc(): Libc | undefined {
  try {
    const binding = loadBinding();
    binding.open({ library: LIBRARY, path: '' });
    return makeLibc(binding);
  } catch {
    return undefined;
  }
}

/**
 * The platform package of ffi-rs first: its index asks `process.report` for the libc, which costs 5 to 10 ms of a launch.
 * A binary for the other libc fails to load, so trying is safe.
 */
function loadBinding(): Binding {
  const requireNative = ownRequire();
  const { platform, arch } = process;
  for (const libc of platform === 'linux' ? ['-gnu', '-musl'] : ['']) {
    try {
      return requireNative(`@yuuang/ffi-rs-${platform}-${arch}${libc}`) as Binding;
    } catch {
      // Not installed, or hoisted differently: the next name, and at last the index.
    }
  }
  return requireNative('ffi-rs') as Binding;
}

/** The bundle is CommonJS and has one; loading `node:module` for another costs a launch a millisecond. */
function ownRequire(): NodeJS.Require {
  return typeof require === 'function'
    ? require
    : process.getBuiltinModule('node:module').createRequire(import.meta.url);
}

function makeLibc(binding: Binding): Libc {
  const call = (funcName: string, retType: number, params: readonly (readonly [type: number, value: unknown])[]) =>
    binding.load({
      library: LIBRARY,
      funcName,
      retType,
      paramsType: params.map(([type, value]) =>
        type === U8_ARRAY ? { ffiTypeTag: ARRAY, type, length: (value as Buffer).length } : type,
      ),
      paramsValue: params.map(([, value]) => value),
      errno: true,
      freeResultMemory: false,
    });
  /** memmove(x, x, 0) returns x: the address of a buffer. Buffers of this size live outside V8's heap and stay put. */
  const addressOf = (bytes: Buffer) =>
    BigInt(
      call('memmove', BIGINT, [
        [U8_ARRAY, bytes],
        [U8_ARRAY, bytes],
        [I64, 0],
      ]).value,
    );
  const setLimit = (resource: number, change: (limit: Buffer) => void) => {
    const limit = Buffer.alloc(16);
    if (
      call('getrlimit', I32, [
        [I32, resource],
        [U8_ARRAY, limit],
      ]).value !== 0
    )
      return;
    change(limit);
    call('setrlimit', I32, [
      [I32, resource],
      [U8_ARRAY, limit],
    ]);
  };
  return {
    execv(file, argv) {
      const words = argv.map(word => Buffer.concat([word, Buffer.alloc(1)]));
      const text = Buffer.allocUnsafeSlow(words.reduce((sum, word) => sum + word.length, 0));
      const pointers = Buffer.alloc((words.length + 1) * 8);
      const base = addressOf(text);
      let at = 0;
      words.forEach((word, index) => {
        word.copy(text, at);
        pointers.writeBigUInt64LE(base + BigInt(at), index * 8);
        at += word.length;
      });
      const name = Buffer.concat([file, Buffer.alloc(1)]);
      return call('execv', I32, [
        [U8_ARRAY, name],
        [U8_ARRAY, pointers],
      ]).errnoCode;
    },
    setSignal: (signal, action) =>
      void call('signal', I64, [
        [I32, signal],
        [I64, action === 'ignore' ? 1 : 0],
      ]),
    clearCloseOnExec: descriptor =>
      void call('ioctl', I32, [
        [I32, descriptor],
        [I64, FIONCLEX],
      ]),
    setOpenFileLimit: soft => setLimit(RLIMIT_NOFILE, limit => limit.writeBigUInt64LE(BigInt(soft), 0)),
    noCoreFile: () => setLimit(RLIMIT_CORE, limit => limit.writeBigUInt64LE(0n, 0)),
  };
}
