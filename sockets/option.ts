/**
 * The options of sockets: defaults and what values they take. The names are zeromq.js's.
 *
 * @module
 */

import { type AddressRange, parseRange } from "../transports/tcp_filter.ts";
import { z85Encode } from "../zmtp/z85.ts";
import { keyBytes } from "./curve_keys.ts";
import type { MessageLike } from "./message.ts";
import { toFrame, toFrames } from "./message.ts";
import { brief, chooseMechanism, secret, type SecurityMechanism } from "./security_options.ts";
import { encodeProperties } from "./metadata.ts";

/** The value of every option of every type of socket; a type uses those that concern it. */
export interface OptionValues {
  sendHighWaterMark: number;
  receiveHighWaterMark: number;
  sendTimeout: number;
  receiveTimeout: number;
  linger: number;
  reconnectInterval: number;
  reconnectMaxInterval: number;
  immediate: boolean;
  conflate: boolean;
  maxMessageSize: number;
  maxConnections: number;
  handshakeInterval: number;
  backlog: number;
  vmciBufferSize: number;
  vmciBufferMinSize: number;
  vmciBufferMaxSize: number;
  vmciConnectTimeout: number;
  ipv6: boolean;
  connectTimeout: number;
  tcpKeepalive: number;
  tcpKeepaliveCount: number;
  tcpKeepaliveIdle: number;
  tcpKeepaliveInterval: number;
  tcpMaxRetransmitTimeout: number;
  tcpAcceptFilter: readonly AddressRange[];
  ipcFilterUid: readonly number[];
  ipcFilterGid: readonly number[];
  ipcFilterPid: readonly number[];
  reconnectStop: number;
  heartbeatInterval: number;
  heartbeatTimeToLive: number;
  heartbeatTimeout: number;
  routingId: string | null;
  mandatory: boolean;
  handover: boolean;
  probeRouter: boolean;
  notify: number;
  correlate: boolean;
  relaxed: boolean;
  verbosity: "allSubs" | "allSubsUnsubs" | null;
  manual: boolean;
  manualLastValue: boolean;
  noDrop: boolean;
  welcomeMessage: Uint8Array | null;
  invertMatching: boolean;
  maxSubscriptions: number;
  maxSubscriptionBytes: number;
  onlyFirstSubscribe: boolean;
  verboseUnsubscribe: boolean;
  helloMessage: readonly Uint8Array[] | null;
  disconnectMessage: readonly Uint8Array[] | null;
  hiccupMessage: readonly Uint8Array[] | null;
  curveServer: boolean;
  curvePublicKey: string | null;
  curveSecretKey: string | null;
  curveServerKey: string | null;
  /** Follows from the options of the mechanisms. */
  securityMechanism: SecurityMechanism | null;
  plainServer: boolean;
  plainUsername: string | null;
  plainPassword: string | null;
  zapDomain: string | null;
  zapEnforceDomain: boolean;
  metadata: ReadonlyMap<string, Uint8Array>;
  receiveMetadata: boolean;
}

/** The options of a new socket (zmq_setsockopt(3)). */
export function defaultOptions(): OptionValues {
  return {
    sendHighWaterMark: 1000,
    receiveHighWaterMark: 1000,
    sendTimeout: -1,
    receiveTimeout: -1,
    linger: -1,
    reconnectInterval: 100,
    reconnectMaxInterval: 0,
    immediate: false,
    conflate: false,
    maxMessageSize: -1,
    maxConnections: 65_536,
    handshakeInterval: 30000,
    backlog: 100,
    vmciBufferSize: 0,
    vmciBufferMinSize: 0,
    vmciBufferMaxSize: 0,
    vmciConnectTimeout: -1,
    ipv6: false,
    connectTimeout: 0,
    tcpKeepalive: -1,
    tcpKeepaliveCount: -1,
    tcpKeepaliveIdle: -1,
    tcpKeepaliveInterval: -1,
    tcpMaxRetransmitTimeout: 0,
    tcpAcceptFilter: [],
    ipcFilterUid: [],
    ipcFilterGid: [],
    ipcFilterPid: [],
    reconnectStop: 0,
    heartbeatInterval: 0,
    heartbeatTimeToLive: 0,
    heartbeatTimeout: -1,
    routingId: null,
    mandatory: false,
    handover: false,
    probeRouter: false,
    notify: 0,
    correlate: false,
    relaxed: false,
    verbosity: null,
    manual: false,
    manualLastValue: false,
    noDrop: false,
    welcomeMessage: null,
    invertMatching: false,
    maxSubscriptions: 1_000_000,
    maxSubscriptionBytes: 64 * 1024 * 1024,
    onlyFirstSubscribe: false,
    verboseUnsubscribe: false,
    helloMessage: null,
    disconnectMessage: null,
    hiccupMessage: null,
    curveServer: false,
    curvePublicKey: null,
    curveSecretKey: null,
    curveServerKey: null,
    securityMechanism: null,
    plainServer: false,
    plainUsername: null,
    plainPassword: null,
    zapDomain: null,
    zapEnforceDomain: false,
    metadata: new Map(),
    receiveMetadata: false,
  };
}

/** The largest number that ZeroMQ's options hold. */
const INT_MAX = 2147483647;
/** Users and groups have 32 bits, of which all together mean nobody. */
const LARGEST_ID = 0xfffffffe;
/** A time to live travels as 16 bits of 100 ms. */
const LONGEST_TIME_TO_LIVE = 6553599;

/** Checks an integer. */
export function integer(name: string, value: unknown, least: number, most = INT_MAX): number {
  if (typeof value !== "number") throw new TypeError(`Cannot set ${name}: the value must be a number`);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(
      `Cannot set ${name}: the value must be an integer from ${least} to ${most}, current value is ${value}`,
    );
  }
  return value;
}

/** Checks a boolean. */
export function boolean(name: string, value: unknown): boolean {
  if (typeof value !== "boolean") throw new TypeError(`Cannot set ${name}: the value must be a boolean`);
  return value;
}

const atLeast = (least: number) => (name: string, value: unknown) => integer(name, value, least);
const from0 = atLeast(0);
const from1Below = atLeast(-1);
const bytes = (name: string, value: unknown) => integer(name, value, 0, Number.MAX_SAFE_INTEGER);

function message(name: string, value: unknown): readonly Uint8Array[] | null {
  if (value === null) return null;
  try {
    return toFrames(value as MessageLike).map((frame) => frame.slice());
  } catch (cause) {
    throw new TypeError(`Cannot set ${name}: the value must be a message or null`, { cause });
  }
}

function ranges(name: string, value: unknown): readonly AddressRange[] {
  if (value === null) return [];
  const texts = Array.isArray(value) ? value : [value];
  return texts.map((text: unknown) => {
    if (typeof text !== "string") {
      throw new TypeError(`Cannot set ${name}: the value must be a string, an array of strings or null`);
    }
    const range = parseRange(text);
    if (range === undefined) {
      throw new RangeError(`Cannot set ${name}: "${text}" is no range of addresses such as "192.168.0.0/16"`);
    }
    return range;
  });
}

function integers(name: string, value: unknown, least: number, most = INT_MAX): readonly number[] {
  if (value === null) return [];
  const numbers = Array.isArray(value) ? value : [value];
  return numbers.map((number: unknown) => {
    if (typeof number === "number") return integer(name, number, least, most);
    throw new TypeError(`Cannot set ${name}: the value must be a number, an array of numbers or null`);
  });
}

/** A routing id, as bytes. */
export function routingIdBytes(name: string, value: unknown): Uint8Array {
  if (typeof value !== "string" && !(value instanceof Uint8Array)) {
    throw new TypeError(`Cannot set ${name}: the value must be a string or a Uint8Array`);
  }
  const bytes = toFrame(value).slice();
  if (bytes.length < 1 || bytes.length > 255) {
    throw new RangeError(`Cannot set ${name}: the value must be 1 to 255 bytes long, it has ${bytes.length}`);
  }
  return bytes;
}

/** A key of CURVE, as Z85. */
function curveKey(name: string, value: unknown): string | null {
  return value === null ? null : z85Encode(keyBytes(name, value));
}

type Checks = { [K in keyof OptionValues]: (name: string, value: unknown) => OptionValues[K] };

const checks: Checks = {
  sendHighWaterMark: from0,
  receiveHighWaterMark: from0,
  sendTimeout: from1Below,
  receiveTimeout: from1Below,
  linger: from1Below,
  reconnectInterval: from1Below,
  reconnectMaxInterval: from0,
  immediate: boolean,
  conflate: boolean,
  maxMessageSize: (name, value) => integer(name, value, -1, Number.MAX_SAFE_INTEGER),
  maxConnections: from0,
  handshakeInterval: from0,
  backlog: from0,
  vmciBufferSize: bytes,
  vmciBufferMinSize: bytes,
  vmciBufferMaxSize: bytes,
  vmciConnectTimeout: from1Below,
  ipv6: boolean,
  connectTimeout: from0,
  tcpKeepalive: (name, value) => integer(name, value, -1, 1),
  tcpKeepaliveCount: from1Below,
  tcpKeepaliveIdle: from1Below,
  tcpKeepaliveInterval: from1Below,
  tcpMaxRetransmitTimeout: from0,
  tcpAcceptFilter: ranges,
  ipcFilterUid: (name, value) => integers(name, value, 0, LARGEST_ID),
  ipcFilterGid: (name, value) => integers(name, value, 0, LARGEST_ID),
  // Peers in other namespaces have the number 0, whatever they are.
  ipcFilterPid: (name, value) => integers(name, value, 1),
  reconnectStop: (name, value) => integer(name, value, 0, 7),
  heartbeatInterval: from0,
  // It is counted in steps of 100 ms; less than one is none.
  heartbeatTimeToLive: (name, value) => Math.floor(integer(name, value, 0, LONGEST_TIME_TO_LIVE) / 100) * 100,
  heartbeatTimeout: from1Below,
  routingId: (name, value) => {
    if (value === null) return null;
    if (typeof value !== "string") throw new TypeError(`Cannot set ${name}: the value must be a string or null`);
    routingIdBytes(name, value);
    return value;
  },
  mandatory: boolean,
  handover: boolean,
  probeRouter: boolean,
  notify: (name, value) => integer(name, value, 0, 3),
  correlate: boolean,
  relaxed: boolean,
  verbosity: (name, value) => {
    if (value !== null && value !== "allSubs" && value !== "allSubsUnsubs") {
      throw new TypeError(`Cannot set ${name}: the value must be null, "allSubs" or "allSubsUnsubs"`);
    }
    return value;
  },
  manual: boolean,
  manualLastValue: boolean,
  noDrop: boolean,
  welcomeMessage: (name, value) => {
    const frames = message(name, value);
    if (frames === null) return null;
    if (frames.length > 1) throw new TypeError(`Cannot set ${name}: the value must be a single frame or null`);
    return frames[0]!;
  },
  invertMatching: boolean,
  maxSubscriptions: from0,
  maxSubscriptionBytes: bytes,
  onlyFirstSubscribe: boolean,
  verboseUnsubscribe: boolean,
  helloMessage: message,
  disconnectMessage: message,
  hiccupMessage: message,
  curveServer: boolean,
  curvePublicKey: curveKey,
  curveSecretKey: curveKey,
  curveServerKey: curveKey,
  securityMechanism: (name) => {
    throw new TypeError(`Cannot set ${name}: it follows from other options`);
  },
  plainServer: boolean,
  plainUsername: secret,
  plainPassword: secret,
  zapDomain: (name, value) => brief(name, value) || null,
  zapEnforceDomain: boolean,
  metadata: encodeProperties,
  receiveMetadata: boolean,
};

/** Checks a value and stores it in the form that the library works with. */
export function setOption<K extends keyof OptionValues>(values: OptionValues, name: K, value: unknown): void {
  values[name] = checks[name](name, value);
  chooseMechanism(values, name);
}
