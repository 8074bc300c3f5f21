/**
 * What ends a run in a virtual machine other than the command's own end.
 *
 * @module
 */

/** The exit statuses that are the harness's own and not the command's. */
export const exits = {
  /** Its arguments make no sense (EX_USAGE of sysexits.h). */
  usage: 64,
  /** No virtual machine can be had here (EX_UNAVAILABLE). */
  unavailable: 69,
  /** The command took too long, as timeout(1) says it. */
  limit: 124,
  /** The guest ended without saying how the command did. */
  died: 125,
} as const;

/** A reason to end, with the exit status that stands for it. */
export class Failure extends Error {
  /** The exit status. */
  readonly status: number;

  /**
   * Makes one.
   *
   * @param status The exit status.
   * @param message What to tell whoever started the run.
   */
  constructor(status: number, message: string) {
    super(message);
    this.name = "Failure";
    this.status = status;
  }
}
