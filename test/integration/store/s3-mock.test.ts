import { testArtifactStore } from '../../support/store/contract.ts';
import { newS3 } from '../../support/s3/s3.ts';
import { createS3Subject } from '../../support/s3/subject.ts';

testArtifactStore(async (onCleanup) => {
  const { settings, place } = await newS3();
  const subject = createS3Subject(settings, place);
  onCleanup(() => {
    subject.bucket.close();
  });
  return subject;
});
