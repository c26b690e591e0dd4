import { httpGround, modelGround } from './_backends.js';
import { contract } from './_contract.js';

contract('model', async () => modelGround());
contract('http, push', () => httpGround({ transport: 'auto' }, { firmware: '2.6.1' }));
contract('http, polling', () => httpGround({ transport: 'poll' }, { firmware: '2.6.1' }));
contract('http with login', () =>
  httpGround(
    { username: 'owner', password: 'geheim' },
    { username: 'owner', password: 'geheim', firmware: '2.6.1' },
  ),
);
