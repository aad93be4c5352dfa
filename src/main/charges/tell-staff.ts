/**
 * Tells staff of something about money. Called inside the transaction that puts it on record, and stored in it
 * (`AlarmSender.raise`): a power cut loses both or neither. `why`: for the log alone.
 */
export type TellStaff = (detail: string, why?: string) => void;
