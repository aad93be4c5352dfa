import type { Failure } from '../../shared/result.ts';

/** `storage_newer`: written by a newer version, left untouched. */
export type StorageFailure = Failure<'storage_unavailable' | 'storage_in_use' | 'storage_newer'>;
