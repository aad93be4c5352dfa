import './console.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { ConsoleClient } from './base/client.ts';
import { ClientContext } from './base/context.ts';
import { shapeAnewWhenFontsCome } from './base/late-fonts.ts';
import { WithSettings } from './base/settings.tsx';

const root = document.getElementById('root');
if (root === null) throw new Error('no root in the page');
shapeAnewWhenFontsCome(document);
const client = new ConsoleClient();
void client.start();
createRoot(root).render(
  <StrictMode>
    <WithSettings>
      <ClientContext value={client}>
        <App />
      </ClientContext>
    </WithSettings>
  </StrictMode>,
);
