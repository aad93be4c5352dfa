type ElectronModule = typeof import('electron');

/** Which of them draws it: the page, or a view over it. */
export type Drawer = 'page' | ViewDrawer;
export type ViewDrawer = 'face' | 'pin';

export interface CaptureOrder {
  readonly by: Drawer;
  /** Where the picture is written; null: nowhere. */
  readonly file: string | null;
  /** The picture to compare with; null: none. */
  readonly before: string | null;
  /** The copy for the sheet is smaller by this factor. */
  readonly shrink: number;
}
export interface SheetOrder {
  readonly file: string;
  /** Pictures in the first row; the sheet is as wide as they are. */
  readonly columns: number;
  /** Steps of each colour channel in a sheet that has to be small; null: as drawn. */
  readonly colourSteps: number | null;
}
/** Pixels of which a channel differs by more than the tolerance, of so many; `missing`: nothing to compare with. */
export type Comparison = { readonly different: number; readonly pixels: number } | 'missing';

/** What the gallery keeps in the app's main process between two calls. */
export interface GalleryTools {
  capture(order: CaptureOrder): Promise<Comparison>;
  /** Puts the pictures captured since the last sheet side by side. */
  writeSheet(order: SheetOrder): void;
  /** Gives the page a state. */
  sendToPage(state: object): void;
}

/**
 * Runs in the main process (through `app.evaluate`), so it is whole in itself. Pictures are compared, shrunk and put
 * together there by what Electron brings: nothing as big as a picture crosses a process, and no image library is needed.
 */
export function installTools(
  { BrowserWindow, WebContentsView, nativeImage }: ElectronModule,
  channelTolerance: number,
): void {
  const fs = process.getBuiltinModule('node:fs');
  const window = BrowserWindow.getAllWindows()[0];
  if (window === undefined) throw new Error('the app has no window');
  const debuggerOf = (drawer: ViewDrawer) => {
    for (const child of window.contentView.children)
      if (child instanceof WebContentsView && child.webContents.getURL().endsWith(`/${drawer}.html`))
        return child.webContents.debugger;
    throw new Error(`the gallery has no ${drawer} view`);
  };
  const devtools = {
    page: window.webContents.debugger,
    face: debuggerOf('face'),
    pin: debuggerOf('pin'),
  };
  // Main itself may be attached already, to end file dialogs (main/window/hardening.ts).
  for (const one of Object.values(devtools)) if (!one.isAttached()) one.attach();
  // The app tries again and again to come into service, and says each time how it is: not in these pictures.
  const { webContents } = window;
  const send = webContents.send.bind(webContents);
  webContents.send = (channel: string, ...sent: unknown[]) => {
    if (channel !== 'kiosk:snapshot') send(channel, ...sent);
  };
  const bytesPerPixel = 4;
  const gap = 2;
  type Picture = ReturnType<typeof nativeImage.createFromBuffer>;
  let kept: Picture[] = [];

  const compare = (picture: Picture, file: string): Comparison => {
    if (!fs.existsSync(file)) return 'missing';
    const [now, before] = [picture, nativeImage.createFromBuffer(fs.readFileSync(file))];
    const [a, b] = [now.toBitmap(), before.toBitmap()];
    const pixels = a.length / bytesPerPixel;
    if (a.length !== b.length) return { different: pixels, pixels };
    if (a.equals(b)) return { different: 0, pixels };
    const differs = (i: number): boolean => Math.abs((a[i] ?? 0) - (b[i] ?? 0)) > channelTolerance;
    let different = 0;
    for (let i = 0; i < a.length; i += bytesPerPixel)
      if (differs(i) || differs(i + 1) || differs(i + 2)) different++;
    return { different, pixels };
  };

  /** Left to right, a new row where the next one does not fit, on grey. */
  const compose = (columns: number): Picture => {
    const first = kept[0]?.getSize();
    if (first === undefined) throw new Error('no picture for the sheet');
    const width = columns * (first.width + gap) + gap;
    let [x, y, rowHeight] = [gap, gap, 0];
    const places = kept.map((picture) => {
      const size = picture.getSize();
      if (x + size.width + gap > width) [x, y, rowHeight] = [gap, y + rowHeight + gap, 0];
      const place = { picture, x, y, ...size };
      x += size.width + gap;
      rowHeight = Math.max(rowHeight, size.height);
      return place;
    });
    const height = y + rowHeight + gap;
    const sheet = Buffer.alloc(width * height * bytesPerPixel, 0x88);
    for (const place of places) {
      const bitmap = place.picture.toBitmap();
      for (let row = 0; row < place.height; row++) {
        const from = row * place.width * bytesPerPixel;
        const to = ((place.y + row) * width + place.x) * bytesPerPixel;
        bitmap.copy(sheet, to, from, from + place.width * bytesPerPixel);
      }
    }
    for (let i = 3; i < sheet.length; i += bytesPerPixel) sheet[i] = 0xff;
    return nativeImage.createFromBitmap(sheet, { width, height });
  };
  const withFewColours = (picture: Picture, steps: number): Picture => {
    const step = 255 / (steps - 1);
    const bitmap = Buffer.from(
      picture.toBitmap().map((value) => Math.round(Math.round(value / step) * step)),
    );
    return nativeImage.createFromBitmap(bitmap, picture.getSize());
  };

  const tools: GalleryTools = {
    sendToPage: (state) => send('kiosk:snapshot', state),
    async capture({ by, file, before, shrink }) {
      // Not `capturePage`: that copies what was drawn last; this waits for a frame with all that is in the page now.
      const order = { format: 'png', optimizeForSpeed: true };
      const { data } = (await devtools[by].sendCommand('Page.captureScreenshot', order)) as { data: string };
      const png = Buffer.from(data, 'base64');
      if (file !== null) fs.writeFileSync(file, png);
      const picture = nativeImage.createFromBuffer(png);
      const { width, height } = picture.getSize();
      const smaller = { width: Math.round(width / shrink), height: Math.round(height / shrink) };
      kept.push(picture.resize({ ...smaller, quality: 'best' }));
      return before === null ? { different: 0, pixels: width * height } : compare(picture, before);
    },
    writeSheet({ file, columns, colourSteps }) {
      const whole = compose(columns);
      kept = [];
      fs.writeFileSync(file, (colourSteps === null ? whole : withFewColours(whole, colourSteps)).toPNG());
    },
  };
  Object.assign(globalThis, { galleryTools: tools });
}

/**
 * Runs in the main process: a face view or PIN view as the product opens it, over the page, of which the gallery itself is the
 * keeper. Answers when its document has loaded.
 */
export async function openView(
  { BrowserWindow, WebContentsView, session }: ElectronModule,
  { preload, drawer }: { preload: string; drawer: ViewDrawer },
): Promise<void> {
  const window = BrowserWindow.getAllWindows()[0];
  if (window === undefined) throw new Error('the app has no window');
  const webPreferences = {
    ...{ preload, session: session.fromPartition(drawer), sandbox: true, contextIsolation: true },
    backgroundThrottling: false,
  };
  const view = new WebContentsView({ webPreferences });
  window.contentView.addChildView(view);
  const [width = 0, height = 0] = window.getContentSize();
  view.setBounds({ x: 0, y: 0, width, height });
  await view.webContents.loadURL(`app://kaimen/${drawer}.html`);
}

/** Runs in the main process: gives a state to all, and shows the one that draws it. */
export function showState(
  { BrowserWindow, WebContentsView }: ElectronModule,
  { state, by }: { state: object; by: Drawer },
): void {
  const window = BrowserWindow.getAllWindows()[0];
  for (const child of window?.contentView.children ?? []) {
    if (!(child instanceof WebContentsView)) continue;
    child.webContents.send('kiosk:snapshot', state);
    child.setVisible(child.webContents.getURL().endsWith(`/${by}.html`));
  }
  (globalThis as unknown as { galleryTools: GalleryTools }).galleryTools.sendToPage(state);
}

/** Runs in the main process: the PIN view asks for this; null: it is not to be seen. */
export function showPad({ BrowserWindow, WebContentsView }: ElectronModule, pad: object | null): void {
  for (const child of BrowserWindow.getAllWindows()[0]?.contentView.children ?? []) {
    if (!(child instanceof WebContentsView) || !child.webContents.getURL().endsWith('/pin.html')) continue;
    if (pad !== null) child.webContents.send('kiosk:pad', pad);
    child.setVisible(pad !== null);
  }
}

/** Runs in the main process. */
export function resizeWindow(
  { BrowserWindow, WebContentsView }: ElectronModule,
  [width, height]: readonly [number, number],
): void {
  const window = BrowserWindow.getAllWindows()[0];
  window?.setContentSize(width, height);
  for (const child of window?.contentView.children ?? [])
    if (child instanceof WebContentsView) child.setBounds({ x: 0, y: 0, width, height });
}
