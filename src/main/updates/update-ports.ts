import type { LauncherPlace } from './launcher-place.ts';

/** What the app knows of itself. */
export interface UpdatePorts {
  readonly place: LauncherPlace;
  /** TUF's root metadata, as it came with the app: what is trusted at the first look. Null: it came with none, and asks for none. */
  readonly trustedRoot: string | null;
  readonly version: string;
  readonly platform: string;
  readonly arch: string;
  /** The page has asked for what it shows. */
  readonly isPainted: () => boolean;
  /** To be ended in order and started again. */
  readonly restart: () => void;
}
