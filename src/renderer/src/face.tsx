import type { FaceViewApi } from '../../shared/ipc/table.schema.ts';
import { FaceApp } from './face-app.tsx';
import { mount } from './mount.tsx';

/** Made by the face view's own preload script; the only link to the rest of the app. */
mount(<FaceApp api={window.kiosk as unknown as FaceViewApi} />);
