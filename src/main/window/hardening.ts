import { type Session, type WebContents, app, session } from 'electron';
import type { IpcCaller } from '../../shared/ipc/table.schema.ts';
import type { Logger } from '../../shared/util/logger.ts';
import type { RepeatedWarnings } from '../platform/repeated-warnings.ts';
import { documentUrls, origin } from './page-files.ts';

/** In memory, each of its own: nothing of a shopper stays on the disk, and the page has nothing of the face view's. */
export function sessionOf(caller: IpcCaller): Session {
  return session.fromPartition(caller);
}

/**
 * Denies by default whatever a web page could ask for: permissions, navigation, windows, downloads, other hosts. The face
 * view and the view that looks at goods may have cameras, and nothing but cameras, each only while it has an order
 * (`isWanted`); the page and the PIN view never have one. Which camera is asked for Electron does not say: that is for the view to keep to.
 */
export function harden(
  logger: Logger,
  warnings: RepeatedWarnings,
  isWanted: Readonly<Record<'face' | 'goods', () => boolean>>,
): void {
  denyAll(session.defaultSession, warnings);
  denyAll(sessionOf('page'), warnings);
  denyAll(sessionOf('pin'), warnings);
  for (const caller of ['face', 'goods'] as const)
    denyAll(sessionOf(caller), warnings, { url: documentUrls[caller], isCameraWanted: isWanted[caller] });
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => {
      if (event.url !== contents.getURL()) event.preventDefault();
    });
    contents.on('will-attach-webview', (event) => {
      event.preventDefault();
    });
    // "Leave this page?" is answered before it is asked.
    contents.on('will-prevent-unload', (event) => {
      event.preventDefault();
    });
    interceptFileDialogs(contents, logger);
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
    // No packet goes around the proxy rules, and a page that is not allowed to fetch has no other way out.
    contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp');
  });
}

/**
 * `<input type=file>` opens no window of the system: the request ends in the debugger's protocol, before anything is shown
 * (Page.setInterceptFileChooserDialog). Electron has no switch of its own for it. Said again with each document, so that a page
 * that has died and comes back has it, too.
 */
function interceptFileDialogs(contents: WebContents, logger: Logger): void {
  const { debugger: protocol } = contents;
  const intercept = async (): Promise<void> => {
    if (!protocol.isAttached()) protocol.attach('1.3');
    await protocol.sendCommand('Page.enable');
    // `cancel`: newer runtimes also tell the page that nothing was chosen.
    await protocol.sendCommand('Page.setInterceptFileChooserDialog', { enabled: true, cancel: true });
  };
  contents.on('did-navigate', () => {
    intercept().catch((error: unknown) => {
      logger.error('page.file_dialogs_not_denied', { error: String(error) });
    });
  });
}

/** But for a camera of this document, if any. */
function denyAll(
  target: Session,
  warnings: RepeatedWarnings,
  { url, isCameraWanted }: { readonly url: string; readonly isCameraWanted: () => boolean } = {
    url: '',
    isCameraWanted: () => false,
  },
): void {
  target.setPermissionRequestHandler((contents, permission, callback, details) => {
    const types = 'mediaTypes' in details ? (details.mediaTypes ?? []) : [];
    const allowed =
      permission === 'media' &&
      types.length === 1 &&
      types[0] === 'video' &&
      contents.getURL() === url &&
      details.isMainFrame &&
      isCameraWanted();
    if (!allowed) warnings.warn('page.permission_denied', permission, { permission, types });
    callback(allowed);
  });
  target.setPermissionCheckHandler(
    (_contents, permission, requestingOrigin, details) =>
      permission === 'media' &&
      details.mediaType === 'video' &&
      // Whoever lists devices is named by the document; with its origin alone no camera would ever have a name.
      (requestingOrigin === url || requestingOrigin.replace(/\/$/, '') === origin) &&
      isCameraWanted(),
  );
  target.setDevicePermissionHandler(() => false);
  target.on('will-download', (event) => {
    event.preventDefault();
  });
  target.webRequest.onBeforeRequest((details, callback) => {
    const allowed = details.url.startsWith(`${origin}/`) || details.url.startsWith('devtools://');
    if (!allowed) warnings.warn('page.request_denied', '', { url: details.url.slice(0, 100) });
    callback({ cancel: !allowed });
  });
}
