import { answerCalls } from '../../forest/threads/kept-thread.ts';
import { drawPlot } from './draw.ts';

// One after the other: Vega numbers parts of a drawing with a counter of the process.
answerCalls(drawPlot);
