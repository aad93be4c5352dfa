const loopbackHost = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i;
const loopbackOrigin = /^https?:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i;

/**
 * A server that listens on loopback is still reached by pages of the web: through a name that leads here (DNS rebinding),
 * or by a request of theirs that the browser sends. So the caller must have addressed it as loopback (`host`), and the
 * page behind the request, if there is one, must come from there, too (`origin`).
 */
export function isAddressedAsLoopback(host: string | undefined, origin: string | undefined): boolean {
  return (
    host !== undefined && loopbackHost.test(host) && (origin === undefined || loopbackOrigin.test(origin))
  );
}
