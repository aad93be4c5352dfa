import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../shared/clock.ts';
import { Camera, openTimeoutMs } from './camera.ts';
import { FakeDevices, named } from './testing/fake-devices.ts';

const size = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };

function setUp() {
  const devices = new FakeDevices();
  const clock = new FakeClock();
  const said: string[] = [];
  const camera = new Camera(devices, clock, size, {
    stream: (stream) => said.push(stream === null ? 'off' : 'on'),
    trouble: (why) => said.push(why),
  });
  return { devices, clock, said, camera, settle: () => clock.advance(0) };
}

describe('Camera', () => {
  it('asks for a small picture, 30 a second and no sound', async () => {
    const { camera, devices, said, settle } = setUp();
    camera.open(null);
    await settle();
    expect(said).toEqual(['on']);
    expect(devices.asked).toEqual([{ audio: false, video: size }]);
  });
  it.each(['id-2', 'Door camera (1234:5678)', 'Door camera'])('finds the camera called %s', async (name) => {
    const { camera, devices, settle } = setUp();
    devices.list.push({ deviceId: 'id-2', label: 'Door camera (1234:5678)' });
    camera.open(name);
    await settle();
    expect(devices.asked).toMatchObject([{ video: { deviceId: { exact: 'id-2' } } }]);
  });
  it('tells cameras of one name apart by their number', async () => {
    const { camera, devices, said, settle } = setUp();
    devices.list = ['id-1', 'id-2'].map((deviceId) => ({ deviceId, label: 'Shelf (1234:5678)' }));
    camera.open('Shelf#2');
    await settle();
    expect(devices.asked).toMatchObject([{ video: { deviceId: { exact: 'id-2' } } }]);
    camera.open('Shelf#3');
    await settle();
    expect(said.at(-1)).toBe('missing');
  });
  it('never takes another camera than the one in the settings', async () => {
    const { camera, devices, said, settle } = setUp();
    camera.open('Door');
    await settle();
    expect(said).toEqual(['missing']);
    expect(devices.asked).toEqual([]);
  });
  it.each([
    ['NotFoundError', 'missing'],
    ['OverconstrainedError', 'missing'],
    ['NotAllowedError', 'denied'],
    ['SecurityError', 'denied'],
    ['NotReadableError', 'busy'],
    ['AbortError', 'busy'],
    ['TypeError', 'busy'],
  ])('%s is %s', async (error, trouble) => {
    const { camera, devices, said, settle } = setUp();
    devices.failNext = named(error);
    camera.open(null);
    await settle();
    expect(said).toEqual([trouble]);
  });
  it('a page without cameras has none', () => {
    const said: string[] = [];
    const camera = new Camera(null, new FakeClock(), size, {
      stream: () => said.push('stream'),
      trouble: (why) => said.push(why),
    });
    camera.open(null);
    expect(said).toEqual(['missing']);
    camera.close();
  });
  it('stops the track when it is closed', async () => {
    const { camera, devices, said, settle } = setUp();
    camera.open(null);
    await settle();
    camera.close();
    expect(devices.tracks.map((t) => t.stopped)).toEqual([true]);
    expect(said).toEqual(['on', 'off']);
  });
  it('stops a stream that arrives when nobody wants it any more', async () => {
    const { camera, devices, said, settle } = setUp();
    devices.held = [];
    camera.open(null);
    camera.close();
    for (const release of devices.held) release();
    await settle();
    expect(devices.tracks.map((t) => t.stopped)).toEqual([true]);
    expect(said).toEqual([]);
  });
  it('a start that takes too long is busy, and what comes later is stopped', async () => {
    const { camera, devices, clock, said, settle } = setUp();
    devices.held = [];
    camera.open(null);
    await clock.advance(openTimeoutMs);
    expect(said).toEqual(['busy']);
    for (const release of devices.held) release();
    await settle();
    expect(said).toEqual(['busy']);
    expect(devices.running).toBe(0);
  });
  it('a start that fails long after it was given up does not end the one that came in its place', async () => {
    const { camera, devices, clock, said, settle } = setUp();
    const held: (() => void)[] = [];
    devices.held = held;
    camera.open(null);
    await clock.advance(openTimeoutMs);
    devices.held = null;
    devices.change(devices.list);
    await settle();
    expect(said).toEqual(['busy', 'on']);
    devices.failNext = named('NotReadableError');
    for (const release of held) release();
    await settle();
    expect(said).toEqual(['busy', 'on']);
    expect(devices.running).toBe(1);
  });
  it('pulled out: missing; plugged in again while it is wanted: on', async () => {
    const { camera, devices, said, settle } = setUp();
    camera.open(null);
    await settle();
    devices.tracks[0]?.dispatchEvent(new Event('ended'));
    expect(said).toEqual(['on', 'off', 'missing']);
    devices.change([{ deviceId: 'id-1', label: 'Webcam' }]);
    await settle();
    expect(said).toEqual(['on', 'off', 'missing', 'on']);
    expect(devices.running).toBe(1);
  });
  it('gone from the list without a word of its track: missing', async () => {
    const { camera, devices, said, settle } = setUp();
    camera.open(null);
    await settle();
    devices.change([...devices.list, { deviceId: 'id-9', label: 'Another' }]);
    await settle();
    expect(said).toEqual(['on']);
    devices.change([{ deviceId: 'id-9', label: 'Another' }]);
    await settle();
    expect(said).toEqual(['on', 'off', 'missing']);
    expect(devices.running).toBe(0);
  });
  it('does not wake up again once it is closed', async () => {
    const { camera, devices, said, settle } = setUp();
    devices.failNext = named('NotFoundError');
    camera.open(null);
    await settle();
    camera.close();
    devices.change([{ deviceId: 'id-1', label: 'Webcam' }]);
    await settle();
    expect(said).toEqual(['missing']);
    expect(devices.asked).toHaveLength(1);
  });
});
