import './phone.css';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { WithAddress } from './base/address.tsx';
import { PhoneClient } from './base/client.ts';
import { ClientContext } from './base/context.ts';
import { WithLanguage } from './base/settings.tsx';

const root = document.getElementById('root');
if (root === null) throw new Error('no root in the page');
const client = new PhoneClient();
client.begin();
createRoot(root).render(
  <WithLanguage>
    <WithAddress>
      <ClientContext value={client}>
        <App />
      </ClientContext>
    </WithAddress>
  </WithLanguage>,
);
