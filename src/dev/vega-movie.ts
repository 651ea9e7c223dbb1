/** A film as vega-datasets 3.2 has it: titles that are numbers are numbers there, and unknown values are null. */
export interface VegaMovie {
  readonly Title: string | number | null;
  readonly Director: string | null;
  readonly Distributor: string | null;
  readonly Source: string | null;
  readonly 'Major Genre': string | null;
  readonly 'Creative Type': string | null;
  readonly 'MPAA Rating': string | null;
  /** Like `Jun 12 1998`. */
  readonly 'Release Date': string;
  readonly 'US Gross': number | null;
  readonly 'Worldwide Gross': number | null;
  readonly 'Production Budget': number | null;
  readonly 'Rotten Tomatoes Rating': number | null;
  readonly 'IMDB Votes': number | null;
  readonly 'IMDB Rating': number | null;
}

/** The data was collected in 2010 and holds a few films announced for 2011. */
const NEWEST_YEAR = 2011;

/**
 * The columns of the sample CSV, in its order. Running time and DVD sales are left out:
 * most films have none, and a run drops every row that lacks a number.
 */
export function toRatingRow(movie: VegaMovie) {
  return {
    movie_title: movie.Title,
    director_name: movie.Director,
    distributor: movie.Distributor,
    genres: movie['Major Genre'],
    creative_type: movie['Creative Type'],
    source: movie.Source,
    content_rating: movie['MPAA Rating'],
    title_year: toReleaseYear(movie['Release Date']),
    num_voted_users: movie['IMDB Votes'],
    gross: movie['US Gross'],
    worldwide_gross: movie['Worldwide Gross'],
    budget: movie['Production Budget'],
    rotten_tomatoes_rating: movie['Rotten Tomatoes Rating'],
    imdb_score: movie['IMDB Rating'],
  };
}

/** Years were two digits once and came out a century late: Gone with the Wind is not of 2039. */
export function toReleaseYear(releaseDate: string): number | null {
  const year = Number(/\b(\d{4})$/.exec(releaseDate)?.[1] ?? NaN);
  if (Number.isNaN(year)) return null;
  return year > NEWEST_YEAR ? year - 100 : year;
}
