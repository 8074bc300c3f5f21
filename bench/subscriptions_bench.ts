/**
 * What it costs to find the subscribers of a message, and to subscribe, with few subscriptions and with very many.
 *
 * Run it with `deno bench bench/subscriptions_bench.ts`.
 *
 * @module
 */

import { RouteTable } from "./peer/route_table.ts";

for (const count of [10, 1000, 100_000, 1_000_000]) {
  const group = `${count} subscriptions`;
  const table = new RouteTable(count);
  let next = 0;
  Deno.bench(`match, one subscriber of ${count}`, { group }, () => {
    table.match(next = (next + 7919) % count);
  });
  Deno.bench(`match nobody of ${count}`, { group }, () => {
    table.matchNobody();
  });
  Deno.bench(`subscribe and unsubscribe beside ${count}`, { group }, () => {
    table.comeAndGo();
  });
}
