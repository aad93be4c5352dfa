import { z } from 'zod';

/** A longer word is none: it is an answer from somebody else. */
const wordMaxLength = 64;

/**
 * A list of words that a newer operator may have made longer: another word of the same form is read as `other` says. Only
 * for what a cabinet reads; what it sends is a closed list.
 */
export function openEnum<const W extends readonly string[]>(
  words: W,
  form: RegExp,
  other: (word: string) => W[number],
) {
  return z.enum(words).or(z.string().max(wordMaxLength).regex(form).transform(other));
}
