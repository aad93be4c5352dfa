/** One step of the schema. Steps are never edited once released; a change is a new step. */
export interface Migration {
  /** 1, 2, 3 … without gaps; stored in the file as `PRAGMA user_version`. */
  readonly version: number;
  readonly name: string;
  /** Run in one transaction together with the new version number. */
  readonly sql: string;
}
