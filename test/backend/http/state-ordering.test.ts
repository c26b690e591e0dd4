import test from 'ava';
import { StateOrdering } from '../../../src/backend/http/state-ordering.js';
import { RecordingSink } from './_rig.js';

test('an answer is old when push or a later answer was faster', (t) => {
  const sink = new RecordingSink();
  const reports = new StateOrdering((path, text) => sink.state(path, text), new AbortController().signal);
  const first = reports.beginRead('evse/a');
  reports.pushed('evse/a', '2');
  t.false(reports.answered(first, '1'));
  const [second, third] = [reports.beginRead('evse/a'), reports.beginRead('evse/a')];
  t.true(reports.answered(third, '4'));
  t.false(reports.answered(second, '3'));
  const [fourth, fifth] = [reports.beginRead('evse/a'), reports.beginRead('evse/a')];
  t.true(reports.answered(fourth, '5'));
  t.true(reports.answered(fifth, '6'), 'asked later, so newer');
  t.deepEqual(sink.told('evse/a'), ['2', '4', '5', '6']);
});

test('news of another topic, or from before the question, makes no answer old', (t) => {
  const sink = new RecordingSink();
  const reports = new StateOrdering((path, text) => sink.state(path, text), new AbortController().signal);
  reports.pushed('evse/a', '1');
  const question = reports.beginRead('evse/a');
  reports.pushed('evse/b', '9');
  t.true(reports.answered(question, '2'));
});
