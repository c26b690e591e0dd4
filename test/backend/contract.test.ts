import { httpTestCharger, modelTestCharger } from './_backends.js';
import { contract } from './_contract.js';

contract('model', async () => modelTestCharger());
contract('http, push', () => httpTestCharger({ transport: 'auto' }, { firmware: '2.6.1' }));
contract('http, polling', () => httpTestCharger({ transport: 'poll' }, { firmware: '2.6.1' }));
contract('http with login', () =>
  httpTestCharger(
    { username: 'owner', password: 'geheim' },
    { username: 'owner', password: 'geheim', firmware: '2.6.1' },
  ),
);
