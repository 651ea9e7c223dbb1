import type { OpenRecord, TrackedFile, TrackedModel } from '../../activities/tracking/run-tracker.ts';

const ONNX_FILE = 'model.onnx';
const EXAMPLE_FILE = 'input_example.json';
const SERVING_EXAMPLE_FILE = 'serving_input_example.json';
/** Written by this version of the format; newer servers and clients read it. */
const FORMAT_VERSION = '3.0.0';
const PYTHON = '3.11.0';
const REQUIREMENTS = ['mlflow>=3', 'onnx', 'onnxruntime'];

/** The files of a model in MLflow's format, which `mlflow.pyfunc` loads with ONNX Runtime. */
export function modelFiles(
  { runId, modelId }: { readonly runId: OpenRecord['id']; readonly modelId: string },
  model: TrackedModel,
): readonly TrackedFile[] {
  const { features, example, onnx, createdAt } = model;
  const split = { columns: features, data: example };
  const python_env = { python: PYTHON, dependencies: ['-r requirements.txt'] };
  const conda = {
    name: 'mlflow-env',
    channels: ['conda-forge'],
    dependencies: [`python=${PYTHON}`, 'pip', { pip: REQUIREMENTS }],
  };
  return [
    { name: ONNX_FILE, bytes: onnx },
    text(EXAMPLE_FILE, split),
    text(SERVING_EXAMPLE_FILE, { dataframe_split: split }),
    { name: 'requirements.txt', bytes: new TextEncoder().encode(`${REQUIREMENTS.join('\n')}\n`) },
    // YAML includes JSON.
    text('python_env.yaml', python_env),
    text('conda.yaml', conda),
    text('MLmodel', {
      artifact_path: '.',
      flavors: {
        onnx: { code: null, data: ONNX_FILE, onnx_version: '1.11.0', providers: ['CPUExecutionProvider'] },
        python_function: {
          loader_module: 'mlflow.onnx',
          data: ONNX_FILE,
          env: { conda: 'conda.yaml', virtualenv: 'python_env.yaml' },
          python_version: PYTHON,
        },
      },
      metadata: { imdb_model_version: model.version },
      mlflow_version: FORMAT_VERSION,
      model_id: modelId,
      model_uuid: modelId,
      run_id: runId,
      saved_input_example_info: {
        artifact_path: EXAMPLE_FILE,
        pandas_orient: 'split',
        serving_input_path: SERVING_EXAMPLE_FILE,
        type: 'dataframe',
      },
      signature: {
        inputs: JSON.stringify(features.map((name) => ({ type: 'double', name, required: true }))),
        outputs: JSON.stringify([{ type: 'float', name: 'prediction', required: true }]),
        params: null,
      },
      utc_time_created: createdAt.replace('T', ' ').replace('Z', ''),
    }),
  ];
}

function text(name: string, content: object): TrackedFile {
  return { name, bytes: new TextEncoder().encode(JSON.stringify(content, undefined, 2)) };
}
