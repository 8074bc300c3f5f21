/**
 * All parts of the torture, in the order in which they are run.
 *
 * @module
 */

import { cycles } from "./cycles.ts";
import { faults } from "./faults.ts";
import { hostile } from "./hostile.ts";
import { kills } from "./kills.ts";
import { load } from "./load.ts";
import { model } from "./model.ts";
import type { Part } from "./part.ts";
import { wire } from "./wire.ts";

/** The parts. */
export const parts: readonly Part[] = [wire, hostile, kills, faults, model, load, cycles];
