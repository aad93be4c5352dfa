import type { PinViewApi } from '../../shared/ipc/table.schema.ts';
import { mount } from './mount.tsx';
import { PinApp } from './pin-app.tsx';

/** Made by the PIN view's own preload script; the only link to the rest of the app. */
mount(<PinApp api={window.kiosk as unknown as PinViewApi} />);
