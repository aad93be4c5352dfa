import type { CameraDevices } from '../camera.ts';

/** A camera's track: counts what is done to it, ends when it is pulled out. */
export class FakeTrack extends EventTarget {
  stopped = false;
  readonly deviceId: string;
  constructor(deviceId: string) {
    super();
    this.deviceId = deviceId;
  }
  stop(): void {
    this.stopped = true;
  }
  getSettings(): MediaTrackSettings {
    return { deviceId: this.deviceId };
  }
}

interface FakeDevice {
  readonly deviceId: string;
  readonly label: string;
}

/** `navigator.mediaDevices` with cameras that are plugged in, pulled out, slow or refused. */
export class FakeDevices extends EventTarget implements CameraDevices {
  readonly asked: MediaStreamConstraints[] = [];
  readonly tracks: FakeTrack[] = [];
  list: FakeDevice[] = [{ deviceId: 'id-1', label: 'Webcam (046d:0825)' }];
  /** In place of a stream, once. */
  failNext: Error | null = null;
  /** The answers that are held back. */
  held: (() => void)[] | null = null;

  enumerateDevices(): Promise<MediaDeviceInfo[]> {
    return Promise.resolve(
      this.list.map((d) => ({
        ...d,
        kind: 'videoinput' as const,
        groupId: '',
        toJSON: () => d,
      })),
    );
  }
  async getUserMedia(constraints: MediaStreamConstraints = {}): Promise<MediaStream> {
    this.asked.push(constraints);
    const { held } = this;
    if (held !== null) await new Promise<void>((resolve) => held.push(resolve));
    const failure = this.failNext;
    this.failNext = null;
    if (failure !== null) throw failure;
    const first = this.list[0];
    if (first === undefined) throw named('NotFoundError');
    const track = new FakeTrack(first.deviceId);
    this.tracks.push(track);
    return { getTracks: () => [track], getVideoTracks: () => [track] } as unknown as MediaStream;
  }
  change(list: FakeDevice[]): void {
    this.list = list;
    this.dispatchEvent(new Event('devicechange'));
  }
  get running(): number {
    return this.tracks.filter((t) => !t.stopped).length;
  }
}

export function named(name: string): Error {
  return Object.assign(new Error(name), { name });
}
