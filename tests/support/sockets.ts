/**
 * The types of sockets, for tests that run over every transport: their sockets live in this isolate or, where the transport
 * is to join Workers, in turn here and there.
 *
 * @module
 */

import * as zmq from "../../mod.ts";
import { nextPlace } from "./placement.ts";
import { standIn } from "./stand_in.ts";

/** A type whose sockets live where the running test has them. */
function placed<T extends { new (...args: never): zmq.Socket }>(type: T): T {
  return new Proxy(type, {
    construct(_, args) {
      const host = nextPlace();
      return host === null ? Reflect.construct(type, args) : standIn(host, type, args);
    },
  });
}

export const Pair: typeof zmq.Pair = placed(zmq.Pair);
export type Pair = zmq.Pair;
export const Publisher: typeof zmq.Publisher = placed(zmq.Publisher);
export type Publisher = zmq.Publisher;
export const Subscriber: typeof zmq.Subscriber = placed(zmq.Subscriber);
export type Subscriber = zmq.Subscriber;
export const Request: typeof zmq.Request = placed(zmq.Request);
export type Request = zmq.Request;
export const Reply: typeof zmq.Reply = placed(zmq.Reply);
export type Reply = zmq.Reply;
export const Dealer: typeof zmq.Dealer = placed(zmq.Dealer);
export type Dealer = zmq.Dealer;
export const Router: typeof zmq.Router = placed(zmq.Router);
export type Router = zmq.Router;
export const Pull: typeof zmq.Pull = placed(zmq.Pull);
export type Pull = zmq.Pull;
export const Push: typeof zmq.Push = placed(zmq.Push);
export type Push = zmq.Push;
export const XPublisher: typeof zmq.XPublisher = placed(zmq.XPublisher);
export type XPublisher = zmq.XPublisher;
export const XSubscriber: typeof zmq.XSubscriber = placed(zmq.XSubscriber);
export type XSubscriber = zmq.XSubscriber;
export const Client: typeof zmq.Client = placed(zmq.Client);
export type Client = zmq.Client;
export const Server: typeof zmq.Server = placed(zmq.Server);
export type Server = zmq.Server;
export const Radio: typeof zmq.Radio = placed(zmq.Radio);
export type Radio = zmq.Radio;
export const Dish: typeof zmq.Dish = placed(zmq.Dish);
export type Dish = zmq.Dish;
export const Scatter: typeof zmq.Scatter = placed(zmq.Scatter);
export type Scatter = zmq.Scatter;
export const Gather: typeof zmq.Gather = placed(zmq.Gather);
export type Gather = zmq.Gather;
export const Peer: typeof zmq.Peer = placed(zmq.Peer);
export type Peer = zmq.Peer;
export const Channel: typeof zmq.Channel = placed(zmq.Channel);
export type Channel = zmq.Channel;
