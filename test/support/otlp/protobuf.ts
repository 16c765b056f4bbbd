/**
 * Protobuf to the shape of OTLP/JSON, so that everything after the receiver knows one form: camelCase names, ids in
 * hexadecimal, 64-bit integers as decimal strings. Only what OTLP needs of protobuf; no groups, no maps, no presence.
 * Our own, because the libraries that do it either generate code at run time or bring an install script.
 */
import { type Field, MESSAGES, type MessageName } from './schema.js';

export type JsonMessage = { [name: string]: unknown };

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

/** Deeper nesting than any real message (attributes nest by AnyValue): refused, so that hostile input cannot overflow the stack. */
const MAX_DEPTH = 100;

class Reader {
  private readonly view: DataView;
  offset: number;

  constructor(
    private readonly bytes: Uint8Array,
    start: number,
    readonly end: number,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.offset = start;
  }

  private advance(length: number): number {
    const start = this.offset;
    if (length > this.end - start) throw new RangeError('protobuf: message ends inside a field');
    this.offset = start + length;
    return start;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.bytes[this.advance(1)]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('protobuf: varint is longer than 10 bytes');
  }

  /** A length or a tag: small, so without bigint on the common path. */
  size(): number {
    const first = this.bytes[this.offset];
    if (first !== undefined && first < 0x80 && this.offset < this.end) {
      this.offset++;
      return first;
    }
    const value = this.varint();
    if (value > 0x7fffffffn) throw new RangeError('protobuf: length is out of range');
    return Number(value);
  }

  fixed32(): number {
    return this.view.getUint32(this.advance(4), true);
  }

  fixed64(): bigint {
    return this.view.getBigUint64(this.advance(8), true);
  }

  double(): number {
    return this.view.getFloat64(this.advance(8), true);
  }

  slice(length: number): Buffer {
    const start = this.advance(length);
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + start, length);
  }

  /** The bounds of a length-delimited field. */
  section(): Reader {
    const length = this.size();
    const start = this.advance(length);
    return new Reader(this.bytes, start, start + length);
  }

  skip(wireType: number): void {
    if (wireType === VARINT) this.varint();
    else if (wireType === FIXED64) this.advance(8);
    else if (wireType === LENGTH) this.advance(this.size());
    else if (wireType === FIXED32) this.advance(4);
    else throw new RangeError(`protobuf: wire type ${wireType} is not used by OTLP`);
  }
}

const WIRE_TYPES: Record<Field['kind'], number> = {
  string: LENGTH,
  bytes: LENGTH,
  id: LENGTH,
  message: LENGTH,
  bool: VARINT,
  uint32: VARINT,
  sint32: VARINT,
  int64: VARINT,
  uint64: VARINT,
  fixed32: FIXED32,
  fixed64: FIXED64,
  sfixed64: FIXED64,
  double: FIXED64,
};

function readValue(reader: Reader, field: Field, depth: number): unknown {
  switch (field.kind) {
    case 'string':
      return reader.slice(reader.size()).toString('utf8');
    case 'bytes':
      return reader.slice(reader.size()).toString('base64');
    case 'id':
      return reader.slice(reader.size()).toString('hex');
    case 'bool':
      return reader.varint() !== 0n;
    case 'uint32':
      return Number(BigInt.asUintN(32, reader.varint()));
    case 'sint32': {
      const zigzag = Number(BigInt.asUintN(32, reader.varint()));
      return (zigzag >>> 1) ^ -(zigzag & 1);
    }
    case 'int64':
      return BigInt.asIntN(64, reader.varint()).toString();
    case 'uint64':
      return BigInt.asUintN(64, reader.varint()).toString();
    case 'fixed32':
      return reader.fixed32();
    case 'fixed64':
      return reader.fixed64().toString();
    case 'sfixed64':
      return BigInt.asIntN(64, reader.fixed64()).toString();
    case 'double':
      return reader.double();
    case 'message':
      return readMessage(reader.section(), field.message!, depth + 1);
  }
}

function readMessage(reader: Reader, name: MessageName, depth: number): JsonMessage {
  if (depth > MAX_DEPTH) throw new RangeError('protobuf: message is nested too deeply');
  const message: JsonMessage = {};
  const fields = MESSAGES[name];
  while (reader.offset < reader.end) {
    const tag = reader.size();
    const wireType = tag & 7;
    const field = fields.get(tag >>> 3);
    if (!field) {
      reader.skip(wireType);
      continue;
    }
    const expected = WIRE_TYPES[field.kind];
    if (field.repeated) {
      message[field.name] ??= [];
      const list = message[field.name] as unknown[];
      // Scalars may come packed or one by one; both are allowed for either declaration.
      if (wireType === LENGTH && expected !== LENGTH) {
        const packed = reader.section();
        while (packed.offset < packed.end) list.push(readValue(packed, field, depth));
      } else if (wireType === expected) list.push(readValue(reader, field, depth));
      else reader.skip(wireType);
    } else if (wireType === expected) message[field.name] = readValue(reader, field, depth);
    else reader.skip(wireType);
  }
  return message;
}

/**
 * Decodes one OTLP message.
 * @throws RangeError when the bytes are not such a message
 */
export function decodeProtobuf(name: MessageName, bytes: Uint8Array): JsonMessage {
  return readMessage(new Reader(bytes, 0, bytes.length), name, 0);
}
