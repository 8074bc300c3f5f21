// Names and numbers of zmq.h, as far as tests need them.

/** Numbers of the socket types, by their names in libzmq without `ZMQ_`. */
export const SOCKET_TYPES = {
  PAIR: 0,
  PUB: 1,
  SUB: 2,
  REQ: 3,
  REP: 4,
  DEALER: 5,
  ROUTER: 6,
  PULL: 7,
  PUSH: 8,
  XPUB: 9,
  XSUB: 10,
  STREAM: 11,
} as const;

/** A socket type by its name in libzmq, without `ZMQ_`. */
export type SocketTypeName = keyof typeof SOCKET_TYPES;

/** Options by their names without `ZMQ_`: the number, and how the value is laid out. */
export const OPTIONS = {
  AFFINITY: [4, "u64"],
  ROUTING_ID: [5, "bytes"],
  SUBSCRIBE: [6, "bytes"],
  UNSUBSCRIBE: [7, "bytes"],
  EVENTS: [15, "int"],
  TYPE: [16, "int"],
  LINGER: [17, "int"],
  RECONNECT_IVL: [18, "int"],
  BACKLOG: [19, "int"],
  RECONNECT_IVL_MAX: [21, "int"],
  MAXMSGSIZE: [22, "i64"],
  SNDHWM: [23, "int"],
  RCVHWM: [24, "int"],
  RCVTIMEO: [27, "int"],
  SNDTIMEO: [28, "int"],
  LAST_ENDPOINT: [32, "bytes"],
  ROUTER_MANDATORY: [33, "int"],
  IMMEDIATE: [39, "int"],
  XPUB_VERBOSE: [40, "int"],
  MECHANISM: [43, "int"],
  PLAIN_SERVER: [44, "int"],
  PLAIN_USERNAME: [45, "bytes"],
  PLAIN_PASSWORD: [46, "bytes"],
  CURVE_SERVER: [47, "int"],
  CURVE_PUBLICKEY: [48, "bytes"],
  CURVE_SECRETKEY: [49, "bytes"],
  CURVE_SERVERKEY: [50, "bytes"],
  PROBE_ROUTER: [51, "int"],
  REQ_CORRELATE: [52, "int"],
  REQ_RELAXED: [53, "int"],
  CONFLATE: [54, "int"],
  ZAP_DOMAIN: [55, "bytes"],
  ROUTER_HANDOVER: [56, "int"],
  IPC_FILTER_PID: [58, "int"],
  IPC_FILTER_UID: [59, "int"],
  IPC_FILTER_GID: [60, "int"],
  CONNECT_ROUTING_ID: [61, "bytes"],
  HANDSHAKE_IVL: [66, "int"],
  XPUB_NODROP: [69, "int"],
  XPUB_MANUAL: [71, "int"],
  XPUB_WELCOME_MSG: [72, "bytes"],
  INVERT_MATCHING: [74, "int"],
  HEARTBEAT_IVL: [75, "int"],
  HEARTBEAT_TTL: [76, "int"],
  HEARTBEAT_TIMEOUT: [77, "int"],
  XPUB_VERBOSER: [78, "int"],
} as const;

/** A socket option by its name in libzmq, without `ZMQ_`. */
export type OptionName = keyof typeof OPTIONS;

/** Monitor events by their names without `ZMQ_EVENT_`. */
export const EVENTS = {
  CONNECTED: 0x0001,
  CONNECT_DELAYED: 0x0002,
  CONNECT_RETRIED: 0x0004,
  LISTENING: 0x0008,
  BIND_FAILED: 0x0010,
  ACCEPTED: 0x0020,
  ACCEPT_FAILED: 0x0040,
  CLOSED: 0x0080,
  CLOSE_FAILED: 0x0100,
  DISCONNECTED: 0x0200,
  MONITOR_STOPPED: 0x0400,
  HANDSHAKE_FAILED_NO_DETAIL: 0x0800,
  HANDSHAKE_SUCCEEDED: 0x1000,
  HANDSHAKE_FAILED_PROTOCOL: 0x2000,
  HANDSHAKE_FAILED_AUTH: 0x4000,
} as const;

/** A monitor event by its name in libzmq, without `ZMQ_EVENT_`. */
export type EventName = keyof typeof EVENTS;

/** One monitor event. */
export interface MonitorEvent {
  readonly event: EventName;
  readonly value: number;
  readonly address: string;
}

/** Names of error numbers: those of Linux, and libzmq's own from 156384712 on. */
export const ERRNO: Readonly<Record<number, string>> = {
  1: "EPERM",
  2: "ENOENT",
  4: "EINTR",
  11: "EAGAIN",
  12: "ENOMEM",
  13: "EACCES",
  14: "EFAULT",
  16: "EBUSY",
  19: "ENODEV",
  20: "ENOTDIR",
  22: "EINVAL",
  24: "EMFILE",
  36: "ENAMETOOLONG",
  88: "ENOTSOCK",
  90: "EMSGSIZE",
  93: "EPROTONOSUPPORT",
  95: "ENOTSUP",
  98: "EADDRINUSE",
  99: "EADDRNOTAVAIL",
  110: "ETIMEDOUT",
  113: "EHOSTUNREACH",
  156384763: "EFSM",
  156384764: "ENOCOMPATPROTO",
  156384765: "ETERM",
  156384766: "EMTHREAD",
};
