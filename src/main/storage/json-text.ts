/** The value of a stored JSON text; null for whatever is none: the schema of the caller refuses it. */
export function fromJson(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}
