mod histories;
mod spec;
