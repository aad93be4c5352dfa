import type { Clock } from '../../../shared/clock.ts';

/** The system asks nobody here, so an answer takes as long as the camera needs to start. */
export const openTimeoutMs = 5_000;

/** What of `navigator.mediaDevices` is used. */
export type CameraDevices = Pick<
  MediaDevices,
  'getUserMedia' | 'enumerateDevices' | 'addEventListener' | 'removeEventListener'
>;

/** Why there is no stream. */
export type OpenTrouble = 'missing' | 'busy' | 'denied';

interface CameraEvents {
  /** The stream to look at; null: there is none any more. */
  readonly stream: (stream: MediaStream | null) => void;
  readonly trouble: (why: OpenTrouble) => void;
}

/** One opening; what arrives for one that is over is stopped at once. */
interface Opening {
  readonly name: string | null;
  stream: MediaStream | null;
  /** Nothing is under way and nothing runs: a camera that is plugged in now may be tried. */
  down: boolean;
  cancelTimer: () => void;
}

/**
 * The camera from `open` to `close`: it is tried again when a device is plugged in meanwhile. `close` stops the track
 * itself, so that the light of the camera goes out. No sound, and no picture is kept.
 */
export class Camera {
  readonly #devices: CameraDevices | null;
  readonly #clock: Clock;
  readonly #size: MediaTrackConstraints;
  readonly #events: CameraEvents;
  #opening: Opening | null = null;

  /** `devices` null: this page has none. */
  constructor(
    devices: CameraDevices | null,
    clock: Clock,
    size: MediaTrackConstraints,
    events: CameraEvents,
  ) {
    this.#devices = devices;
    this.#clock = clock;
    this.#size = size;
    this.#events = events;
  }

  /** Opens the camera with this `deviceId` or label; null: the system's first. */
  open(name: string | null): void {
    this.close();
    this.#opening = { name, stream: null, down: false, cancelTimer: () => undefined };
    this.#devices?.addEventListener('devicechange', this.#devicesChanged);
    this.#tryToOpen(this.#opening);
  }

  close(): void {
    const opening = this.#opening;
    if (opening === null) return;
    this.#opening = null;
    this.#devices?.removeEventListener('devicechange', this.#devicesChanged);
    this.#release(opening);
  }

  #tryToOpen(opening: Opening): void {
    const devices = this.#devices;
    if (devices === null) {
      this.#fail(opening, 'missing');
      return;
    }
    opening.down = false;
    let waited = false;
    opening.cancelTimer = this.#clock.after(openTimeoutMs, () => {
      waited = true;
      this.#fail(opening, 'busy');
    });
    openStream(devices, opening.name, this.#size).then(
      (stream) => {
        if (this.#opening !== opening || waited) {
          stopTracks(stream);
          return;
        }
        opening.cancelTimer();
        this.#useStream(opening, stream);
      },
      (error: unknown) => {
        if (!waited) this.#fail(opening, troubleOf(error));
      },
    );
  }

  #useStream(opening: Opening, stream: MediaStream): void {
    opening.stream = stream;
    for (const track of stream.getVideoTracks()) {
      track.addEventListener('ended', () => {
        if (opening.stream === stream) this.#fail(opening, 'missing');
      });
    }
    this.#events.stream(stream);
  }

  #fail(opening: Opening, why: OpenTrouble): void {
    if (this.#opening !== opening) return;
    this.#release(opening);
    opening.down = true;
    this.#events.trouble(why);
  }

  #release(opening: Opening): void {
    opening.cancelTimer();
    const { stream } = opening;
    if (stream === null) return;
    opening.stream = null;
    stopTracks(stream);
    this.#events.stream(null);
  }

  readonly #devicesChanged = (): void => {
    const opening = this.#opening;
    if (opening === null || this.#devices === null) return;
    if (opening.down) {
      this.#tryToOpen(opening);
      return;
    }
    const { stream } = opening;
    if (stream === null) return;
    this.#devices.enumerateDevices().then(
      (list) => {
        if (opening.stream === stream && !isListed(list, stream)) this.#fail(opening, 'missing');
      },
      () => undefined,
    );
  };
}

class CameraNotThere extends Error {}

async function openStream(
  devices: CameraDevices,
  name: string | null,
  size: MediaTrackConstraints,
): Promise<MediaStream> {
  if (name === null) return devices.getUserMedia({ audio: false, video: size });
  const wanted = named(await devices.enumerateDevices(), name);
  if (wanted === undefined) throw new CameraNotThere();
  return devices.getUserMedia({ audio: false, video: { ...size, deviceId: { exact: wanted.deviceId } } });
}

/** `Shelf#2` is the second camera of that name: cameras of one model have one name, and keep their order at their sockets. */
function named(list: readonly MediaDeviceInfo[], name: string): MediaDeviceInfo | undefined {
  const cameras = list.filter(({ kind }) => kind === 'videoinput');
  const one = cameras.find((device) => isNamed(device, name));
  const [, plain, number] = /^(.+)#([1-9])$/.exec(name) ?? [];
  if (one !== undefined || plain === undefined) return one;
  return cameras.filter((device) => isNamed(device, plain))[Number(number) - 1];
}

/** Chromium writes the USB numbers behind a label, "Webcam (046d:0825)"; people leave them out. */
function isNamed(device: MediaDeviceInfo, name: string): boolean {
  return device.deviceId === name || device.label === name || device.label.startsWith(`${name} (`);
}

function isListed(list: readonly MediaDeviceInfo[], stream: MediaStream): boolean {
  const streamIds = stream.getVideoTracks().map((t) => t.getSettings().deviceId);
  return list.some((d) => d.kind === 'videoinput' && (d.deviceId === '' || streamIds.includes(d.deviceId)));
}

function stopTracks(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** By the names that Media Capture and Streams gives them (§ getUserMedia). */
function troubleOf(error: unknown): OpenTrouble {
  if (error instanceof CameraNotThere) return 'missing';
  switch (error instanceof Error ? error.name : '') {
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    default:
      return 'busy';
  }
}
