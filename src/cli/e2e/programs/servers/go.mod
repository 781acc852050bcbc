module example.org/team/server

go 1.19
