/** One step of the schema. Steps are never edited once released; a change is a new step. */
export interface Migration {
  /** 1, 2, 3 … without gaps; stored in the file as `PRAGMA user_version`. */
  readonly version: number;
  readonly name: string;
  /** Run in one transaction together with the new version number. */
  readonly sql: string;
  /**
   * The schema of the oldest app that still works on a file after this step, as an update that is left goes back to it: the step
   * only adds, or takes away what that app does not use any more (expand, then contract). Left out: only its own.
   */
  readonly readBy?: number;
}
