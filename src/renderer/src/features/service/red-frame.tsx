/** Round everything while the door can be opened unbilled. */
export function RedFrame() {
  return (
    <div
      aria-hidden="true"
      data-testid="red-frame"
      className="pointer-events-none fixed inset-0 z-50 border-[calc(var(--u)*18)] border-cinnabar"
    />
  );
}
