/**
 * The program of a victim that is a Worker.
 *
 * @module
 */

import { hear } from "../../inproc/workers/here.ts";
import { live } from "./live.ts";
import type { Task } from "./task.ts";

// Not at the top level: of a Worker that is terminated while an await there is pending, Deno 2.9 keeps the memory.
hear<Task>().then(live);
