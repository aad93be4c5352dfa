/** Who a member is, in one line: as they are shown, and how their phone ends, which tells people of one name apart. */
export function memberName({
  display,
  memberId,
  phoneLastDigits,
}: {
  readonly display: string;
  readonly memberId: string;
  readonly phoneLastDigits: string | null;
}): string {
  const name = display === '' ? memberId : display;
  return phoneLastDigits === null || name.endsWith(phoneLastDigits) ? name : `${name} …${phoneLastDigits}`;
}
